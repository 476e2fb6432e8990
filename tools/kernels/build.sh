#!/bin/sh
# Compiles kernels.as into src/core/kernels-wasm.ts. Needs npx and the network; AssemblyScript (Apache-2.0) is no dependency
# of the project, since its compiler takes 100 MB. ASC names a compiler that is already there.
set -e
cd "$(dirname "$0")/../.."
build=$(mktemp -d)
cp tools/kernels/kernels.as "$build/kernels.ts" # named .as here, since it is not TypeScript
${ASC:-npx --yes --package assemblyscript@0.28.20 asc} "$build/kernels.ts" --outFile "$build/kernels.wasm" \
  -O3 --converge --noAssert --runtime stub --importMemory --enable simd --disable mutable-globals
{
  echo '/** Made by tools/kernels/build.sh from tools/kernels/kernels.as: do not edit. WebAssembly, as base64. */'
  echo 'export const KERNELS_WASM ='
  echo "  '$(base64 -w 0 "$build/kernels.wasm")';"
} > src/core/kernels-wasm.ts
rm -r "$build"
