/** Tests with other people's programs and long ones of the whole product: `npm run test:field`, not `npm test`. */
const base = require('./jest.config.js');

module.exports = {
  ...base,
  roots: ['<rootDir>/test/field'],
  testPathIgnorePatterns: [],
  testTimeout: 600_000,
};
