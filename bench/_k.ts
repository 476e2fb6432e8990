import { KernelHeap } from '../src/core/kernels.ts';
import { withProducts } from '../src/core/matrix-products.ts';
import { matrixOf } from '../src/core/matrix.ts';
import { auroc } from '../src/core/auroc.ts';
const time=(label:string,n:number,f:()=>void)=>{for(let i=0;i<n/4+3;i++)f(); const t=process.cpuUsage().user; for(let i=0;i<n;i++)f(); console.log(label,((process.cpuUsage().user-t)/1000/n).toFixed(4),'ms')};
for (const [rows,cols] of [[1504,128],[2000,4096]] as const){
const m=matrixOf(Float32Array.from({length:rows*cols},()=>Math.random()-.5),cols);
const v=Float64Array.from({length:cols},()=>Math.random()-.5), w=Float64Array.from({length:rows},()=>Math.random());
const vs=Array.from({length:8},()=>v.map(x=>x*Math.random()));
const n=rows*cols>1e6?30:1000;
withProducts(m,(p)=>{
 time(`${rows}x${cols} multiply`,n,()=>p.multiply(v));
 if('multiplyAll' in p) time(`${rows}x${cols} multiplyAll 8`,n/4,()=>(p as any).multiplyAll(vs));
 time(`${rows}x${cols} combine`,n,()=>p.combine(w));
 time(`${rows}x${cols} curvature`,n,()=>p.curvature(v,0.1,w));
});}
const a=Float64Array.from({length:104},()=>Math.random()),b=Float64Array.from({length:440},()=>Math.random()),c=Float64Array.from({length:728},()=>Math.random());
time('auroc 104x440',2000,()=>auroc(a,b));time('auroc 728x440',2000,()=>auroc(c,b));
