/** Hands the visitor a file to keep. */
export function saveFile(name: string, content: string | Uint8Array<ArrayBuffer>, type: string): void {
  handOut(new File([content], name, { type }));
}

/** The same with a file that is there already, of whatever size: nothing of it is read into memory. */
export function handOut(file: File): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = address;
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000); // the download has begun long before
}
