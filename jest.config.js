/** Suites mirror the rooms under test/; test/e2e has those of the whole product (scripts/tasks/test.mjs). */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  // Run by `npm run test:field` alone (jest.field.config.js).
  testPathIgnorePatterns: ['<rootDir>/test/field/'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  // Not in the folder for temporary files, which `npm test` makes anew.
  cacheDirectory: '<rootDir>/.spaceport/jest-cache',
  testTimeout: 60_000,
};
