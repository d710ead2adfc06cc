/** What the runner tells the suite, through environment variables: the suite is loaded by VS Code, not by the runner. */

export type Variable =
  | 'EDITOR_TEST_DEBUG_PORT'
  | 'EDITOR_TEST_EXTENSIONS'
  | 'EDITOR_TEST_OUTPUT'
  | 'EDITOR_TEST_REPORT'
  | 'EDITOR_TEST_RESULT'
  | 'EDITOR_TEST_TRUSTED'
  | 'EDITOR_TEST_WORKSPACE';

export function environment(name: Variable): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set; start the tests with scripts/test-editor.mjs.`);
  return value;
}
