/**
 * Who may know whom: the table of the rooms, and the linter's rule that keeps it, as a plugin of oxlint. docs/architecture.md has the reasons.
 */
import { dirname, join, relative, sep } from 'node:path';

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
  // Stacks of AWS around the programs: it knows their contracts, and none of their code.
  infra: { code: ['contracts'], types: [] },
  // Runs in browsers, which get as little code as can be: `PURE_ONLY` keeps schemas and their library out.
  web: { code: ['contracts'], types: [] },
};

/** Files of contracts/ of which web/ imports types only: with them would come zod. */
const PURE_ONLY = /-schema$|^contracts\/messages\/read-only$/;

/**
 * Within web/: which folders alone, or which folders never, import a package.
 * @type {{ package: RegExp, only?: string[], never?: string[], why: string }[]}
 */
const WEB_PACKAGES = [
  { package: /^playcanvas(\/|$)/, only: ['web/scene'], why: 'only web/scene/ draws' },
  { package: /^maplibre-gl(\/|$)/, only: ['web/map'], why: 'only web/map/ draws maps' },
  {
    package: /^(react|react-dom|wouter|@tanstack\/react-query|lucide-react)(\/|$)/,
    never: ['web/scene', 'web/picking'],
    why: 'scene and picker know nothing of React',
  },
  { package: /^(zod|node:.*)$/, only: [], why: 'browsers get no code for it' },
];

const roomOf = (path) => path.split('/')[0];
const covers = (allowed, target) =>
  allowed.some((entry) => target === entry || target.startsWith(`${entry}/`) || target === `${entry}.ts`);

/** What is wrong with `from` (a file, relative to the checkout) importing `target`, or null. */
function borderProblem(from, target, typeOnly) {
  const room = roomOf(from);
  const rules = ROOMS[room];
  if (rules === undefined || roomOf(target) === room) return null;
  if (target.startsWith('..')) return `${room}/ may not import from outside the checkout`;
  if (room === 'web' && PURE_ONLY.test(target))
    return typeOnly ? null : `${room}/ may import only types of ${target} (use "import type")`;
  if (covers(rules.code, target)) return null;
  if (covers(rules.types, target))
    return typeOnly ? null : `${room}/ may import only types of ${roomOf(target)}/ (use "import type")`;
  const allowed = [...rules.code, ...rules.types.map((entry) => `${entry} (types)`)].join(', ') || 'nothing of ours';
  return `${room}/ may not import ${roomOf(target)}/; it may import ${allowed}`;
}

/** What is wrong with `from` importing a package, or null. */
function packageProblem(from, name) {
  if (roomOf(from) !== 'web') return null;
  const isIn = (folders) => folders.some((folder) => from.startsWith(`${folder}/`));
  const broken = WEB_PACKAGES.find(
    (rule) => rule.package.test(name) && ((rule.only && !isIn(rule.only)) || (rule.never && isIn(rule.never))),
  );
  return broken === undefined ? null : `${from} may not import ${name}: ${broken.why}`;
}

/**
 * Looks at every way in which TypeScript can name another file.
 */
const roomBorders = {
  meta: { type: 'problem', schema: [], messages: { border: '{{problem}} (scripts/room-borders.mjs)' } },
  create(context) {
    const file = relative(context.cwd, context.filename).split(sep).join('/');
    const check = (node, source, typeOnly) => {
      if (typeof source !== 'string') return;
      const target = relative(context.cwd, join(dirname(context.filename), source))
        .split(sep)
        .join('/');
      const problem = source.startsWith('.') ? borderProblem(file, target, typeOnly) : packageProblem(file, source);
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

export default { meta: { name: 'spaceport' }, rules: { 'room-borders': roomBorders } };
