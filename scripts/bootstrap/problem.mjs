/** Something that a person has to mend: `message` says what is wrong, `advice` how to mend it. */
export class Problem extends Error {
  constructor(message, advice = '') {
    super(message);
    this.advice = advice;
  }
}
