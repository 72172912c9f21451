import ts from "typescript";
import type { RepositoryFile } from "./repository.js";

const bannedGlobals = new Set(["Date", "crypto", "performance", "setImmediate", "setInterval", "setTimeout"]);
const globalObjects = new Set(["globalThis", "global", "window", "self"]);
const bannedImports: Readonly<Record<string, RegExp>> = {
  crypto: /^(default|\*|getRandomValues|randomBytes|randomFill|randomFillSync|randomInt|randomUUID|webcrypto)$/,
  timers: /./,
  "timers/promises": /./,
  perf_hooks: /^(default|\*|performance)$/,
};

/** Where a file reaches for time or randomness by itself, instead of taking a Runtime. */
export function findBannedGlobals({ path, text }: RepositoryFile): string[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const name = bannedName(node);
    if (name !== undefined) {
      found.push(`${path}:${source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1} uses ${name}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function bannedName(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node)) return bannedProperty(node);
  if (ts.isImportDeclaration(node)) return bannedImport(node);
  return ts.isIdentifier(node) && bannedGlobals.has(node.text) && isReference(node) ? node.text : undefined;
}

function bannedProperty({ expression, name }: ts.PropertyAccessExpression): string | undefined {
  if (!ts.isIdentifier(expression)) return undefined;
  const isBanned = globalObjects.has(expression.text) && bannedGlobals.has(name.text);
  return isBanned || (expression.text === "Math" && name.text === "random") ? `${expression.text}.${name.text}` : undefined;
}

function bannedImport({ moduleSpecifier, importClause }: ts.ImportDeclaration): string | undefined {
  if (!ts.isStringLiteral(moduleSpecifier)) return undefined;
  const banned = bannedImports[moduleSpecifier.text.replace(/^node:/, "")];
  const name = banned && importedNames(importClause).find((imported) => banned.test(imported));
  return name === undefined ? undefined : `${name} of ${moduleSpecifier.text}`;
}

/** The names that an import takes from its module: "default" for the default, "*" for all of it. */
function importedNames(clause: ts.ImportClause | undefined): string[] {
  if (clause === undefined || clause.isTypeOnly) return [];
  const names = clause.name === undefined ? [] : ["default"];
  if (clause.namedBindings === undefined) return names;
  if (ts.isNamespaceImport(clause.namedBindings)) return [...names, "*"];
  return [...names, ...clause.namedBindings.elements.map((element) => (element.propertyName ?? element.name).text)];
}

/** True if an identifier stands for a variable, and is not the name of a property, a method or an import. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) || ts.isQualifiedName(parent)) return parent.getChildAt(0) === node;
  if (ts.isImportSpecifier(parent) || ts.isImportClause(parent)) return false;
  return !("name" in parent && parent.name === node) || ts.isShorthandPropertyAssignment(parent);
}
