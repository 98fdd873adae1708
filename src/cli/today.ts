/** The UTC date on which waivers are judged; the analysis itself has no clock. */
export function today(): string {
  return new Date().toISOString().slice(0, 10);
}
