/** Export. */
export function ExportDialog() {
  return null;
}
