#!/bin/sh
# Compiles tools/kernels/*.as into src/core/kernels-wasm.ts. Needs npx and the network; AssemblyScript (Apache-2.0) is not a
# dependency of the project, since its compiler takes 100 MB. Set ASC to use a compiler that is already installed.
set -e
cd "$(dirname "$0")/../.."
build=$(mktemp -d)
for source in tools/kernels/*.as; do # named .as here, since they are not TypeScript
  cp "$source" "$build/$(basename "$source" .as).ts"
done
${ASC:-npx --yes --package assemblyscript@0.28.20 asc} "$build/kernels.ts" --outFile "$build/kernels.wasm" \
  -O3 --converge --noAssert --runtime stub --importMemory --enable simd --disable mutable-globals
{
  echo '/** Made by tools/kernels/build.sh from tools/kernels/*.as: do not edit. WebAssembly, as base64. */'
  echo 'export const KERNELS_WASM ='
  echo "  '$(base64 -w 0 "$build/kernels.wasm")';"
  echo
  echo '/** SHA-256 of the sources, one after the other in the order of their names: a test compares it with the files. */'
  echo "export const KERNELS_SOURCE = '$(LC_ALL=C sh -c 'cat tools/kernels/*.as' | sha256sum | cut -d ' ' -f 1)';"
} > src/core/kernels-wasm.ts
rm -r "$build"
