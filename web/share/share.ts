/** Second entry: what the pages of shared links load beside the server's own document. */
export {};
