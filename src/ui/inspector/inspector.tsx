/** The inspector. */
export function Inspector() {
  return null;
}
