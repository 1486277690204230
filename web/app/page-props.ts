/** What a page gets: the parts of its address that its pattern names. */
export interface PageProps {
  readonly params: Readonly<Record<string, string | undefined>>;
}
