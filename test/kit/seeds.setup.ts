/**
 * Random properties take new seeds in every run, so that they go on finding things. In CI they take one seed: whether a change lands must
 * not depend on the dice, and a failure there can be had again by setting CI.
 */
import fc from 'fast-check';

const CI_SEED = 20_261_125;

if (process.env['CI'] !== undefined) fc.configureGlobal({ seed: CI_SEED });
