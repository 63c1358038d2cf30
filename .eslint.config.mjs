import tseslint from 'typescript-eslint';

/** One linter: type-checked rules only; layout belongs to the formatter, imports to `test/house.test.ts`. */
export default tseslint.config(
  // What runs in the sandbox is JavaScript without a project: its tests check it.
  { ignores: ['**/node_modules/**', 'shared/script/**/*.js'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      // `const { gone: _gone, ...rest }` is how a record loses a member; exact optional types leave no other way.
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      'eqeqeq': 'error',
      'no-console': 'error',
    },
  },
  {
    // Global names for the authors of scripts; no part of our own program.
    files: ['shared/script/examples/*.d.ts'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { parserOptions: { project: false } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unused-vars': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/consistent-indexed-object-style': 'off',
    },
  },
  { files: ['infra/**', 'test/**'], rules: { 'no-console': 'off' } },
  { files: ['test/**'], rules: { '@typescript-eslint/no-unsafe-assignment': 'off', '@typescript-eslint/no-unsafe-member-access': 'off', '@typescript-eslint/no-unsafe-argument': 'off' } },
);
