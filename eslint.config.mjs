/** Rules that find mistakes, and the borders between the rooms. Layout is no rule's business. */
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { roomBordersRule } from './scripts/room-borders.mjs';

const readsItsEnvironment = ['**/main.ts', 'platform/config.ts', '**/config.ts', 'scripts/**', 'test/**', 'bench/**'];

export default defineConfig(
  globalIgnores(['dist/', 'dist.part/', '.spaceport/', '**/*.cjs', 'containers/', 'jest.config.js', 'docs/']),
  {
    rules: {
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'no-constant-binary-expression': 'error',
      'no-unreachable': 'error',
      'no-self-assign': 'error',
      'no-unsafe-finally': 'error',
    },
  },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { spaceport: { rules: { 'room-borders': roomBordersRule } } },
    rules: {
      'spaceport/room-borders': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true, caughtErrors: 'none' },
      ],
      // `() => sideEffect()` is how callbacks are written here.
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidOperator: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // Factories give objects of closures, which need no `this`.
      '@typescript-eslint/unbound-method': 'off',
      // Protobuf's enums come as numbers.
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
      // A method that implements an interface may be async before it awaits anything.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['**/*.ts', '**/*.tsx'],
    ignores: readsItsEnvironment,
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Read the environment in a config module or main.ts.' },
      ],
    },
  },
  {
    // Workflow code runs in Temporal's sandbox: no clock, network or file of its own, and a small bundle.
    files: ['workflows/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['node:*', '@aws-sdk/*', 'zod', 'pino', 'nodemailer'],
              message: 'Workflows decide; activities and platform do.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      // JSON of a response or a report is looked at freely in tests.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      // What is missing fails the test; what `beforeAll` did not get to start, `afterAll` need not stop.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off',
    },
  },
  {
    // It judges the product from outside.
    files: ['bench/chaos/audit/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['../*'], message: 'The audit imports nothing of ours but itself.' }] },
      ],
    },
  },
  {
    files: ['**/*.mjs'],
    rules: { 'no-undef': 'error', 'no-unused-vars': 'error' },
    languageOptions: {
      globals: Object.fromEntries(
        [
          'AbortSignal',
          'process',
          'console',
          'URL',
          'fetch',
          'setTimeout',
          'clearTimeout',
          'setInterval',
          'clearInterval',
          'document',
          'window',
          'Blob',
          'File',
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
);
