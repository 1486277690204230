/**
 * Who may know whom: the table of the rooms, and the ESLint rule that keeps it. docs/architecture.md has the reasons.
 */
import { dirname, join, relative, sep } from 'node:path';
import { ROOT } from './bootstrap/places.mjs';

/**
 * room -> what it may import of ours, as a room or a file in one: `code` in any way, `types` with `import type` only.
 * A room that is not named here (test, bench) may import everything.
 * @type {Record<string, { code: string[], types: string[] }>}
 */
const ROOMS = {
  contracts: { code: [], types: [] },
  platform: { code: ['contracts'], types: [] },
  activities: { code: ['contracts', 'platform'], types: [] },
  // Deterministic: the worker bundles workflows alone, so of activities only the types are there.
  workflows: { code: ['contracts'], types: ['activities'] },
  // Workflows are given to a worker by their path, never imported into its process.
  workers: { code: ['contracts', 'platform', 'activities'], types: ['workflows'] },
  // Starts workflows by name, with the types of their inputs.
  server: { code: ['contracts', 'platform'], types: ['workflows'] },
  // Speaks only the public wire protocols, so that nothing else knows that it is there; it logs as all processes do.
  local: { code: ['contracts', 'platform/logger'], types: [] },
  cli: { code: ['contracts', 'local'], types: [] },
};

const roomOf = (path) => path.split('/')[0];
const covers = (allowed, target) =>
  allowed.some((entry) => target === entry || target.startsWith(`${entry}/`) || target === `${entry}.ts`);

/** What is wrong with `from` (a file, relative to the checkout) importing `target`, or null. */
function borderProblem(from, target, typeOnly) {
  const room = roomOf(from);
  const rules = ROOMS[room];
  if (rules === undefined || roomOf(target) === room) return null;
  if (target.startsWith('..')) return `${room}/ may not import from outside the checkout`;
  if (covers(rules.code, target)) return null;
  if (covers(rules.types, target))
    return typeOnly ? null : `${room}/ may import only types of ${roomOf(target)}/ (use "import type")`;
  const allowed = [...rules.code, ...rules.types.map((entry) => `${entry} (types)`)].join(', ') || 'nothing of ours';
  return `${room}/ may not import ${roomOf(target)}/; it may import ${allowed}`;
}

/**
 * The ESLint rule: looks at every way in which TypeScript can name another file.
 * @type {import('@eslint/core').RuleDefinition}
 */
export const roomBordersRule = {
  meta: { type: 'problem', schema: [], messages: { border: '{{problem}} (scripts/room-borders.mjs)' } },
  create(context) {
    const file = relative(ROOT, context.filename).split(sep).join('/');
    const check = (node, source, typeOnly) => {
      if (typeof source !== 'string' || !source.startsWith('.')) return;
      const target = relative(ROOT, join(dirname(context.filename), source))
        .split(sep)
        .join('/');
      const problem = borderProblem(file, target, typeOnly);
      if (problem !== null) context.report({ node, messageId: 'border', data: { problem } });
    };
    const onlyTypes = (kind, specifiers, key) =>
      kind === 'type' || (specifiers.length > 0 && specifiers.every((specifier) => specifier[key] === 'type'));
    return {
      ImportDeclaration: (node) =>
        check(node, node.source.value, onlyTypes(node.importKind, node.specifiers, 'importKind')),
      ExportNamedDeclaration: (node) =>
        check(node, node.source?.value, onlyTypes(node.exportKind, node.specifiers, 'exportKind')),
      ExportAllDeclaration: (node) => check(node, node.source.value, node.exportKind === 'type'),
      ImportExpression: (node) => check(node, node.source.value, false),
      TSImportType: (node) => check(node, node.source?.value ?? node.argument?.literal?.value, true),
      TSImportEqualsDeclaration: (node) =>
        check(node, node.moduleReference.expression?.value, node.importKind === 'type'),
      "CallExpression[callee.name='require']": (node) => check(node, node.arguments[0]?.value, false),
    };
  },
};
