import ts from "typescript";
import type { RepositoryFile } from "./repository.js";

/** The functions of a file that have more than `most` lines, as texts. One that declares tests may be longer. */
export function findLongFunctions({ path, text }: RepositoryFile, most: number): string[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const lineOf = (position: number) => source.getLineAndCharacterOfPosition(position).line + 1;
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && !isSuite(node)) {
      const first = lineOf(node.getStart(source));
      const lines = lineOf(node.end) - first + 1;
      if (lines > most) found.push(`${path}:${first} has a function of ${lines} lines`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** True if a function declares tests: its length is that of the list. */
function isSuite(node: ts.SignatureDeclaration): boolean {
  const body = "body" in node ? node.body : undefined;
  if (body === undefined || !ts.isBlock(body)) return false;
  return body.statements.some((statement) => /^(describe|it)\b/.test(statement.getText()));
}
