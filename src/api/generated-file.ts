/** A file that is made from the source and committed. The path is relative to the root of the project. */
export type GeneratedFile = { readonly path: string; readonly content: string };
