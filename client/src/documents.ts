/** Which documents the server is asked about and the status item shows for: TypeScript and JavaScript on disk. */
export const DOCUMENTS = ['typescript', 'typescriptreact', 'javascript', 'javascriptreact'].map((language) => ({
  scheme: 'file',
  language,
}));
