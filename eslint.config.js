// What the formatter's linter cannot see, because it needs types: promises that nobody waits for, and the rules of the house.
import tseslint from 'typescript-eslint';

const onlyIn = (folder, ...rules) => ({
  'no-restricted-globals': [
    'error',
    ...rules.map((name) => ({ name, message: `only ${folder} may use it` })),
  ],
});

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      'target/**',
      'tests/**',
      '**/*.gen.ts',
      '**/*.js',
      '**/playwright-report/**',
      '**/test-results/**',
    ],
  },
  {
    files: ['{web-shared,mobile-client,office-console}/**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    files: ['{mobile-client,office-console}/src/**/*.{ts,tsx}'],
    ignores: ['**/src/api/**', '**/src/tip/api/**', '**/src/worker/service-worker.ts'],
    rules: onlyIn('api/', 'fetch', 'XMLHttpRequest'),
  },
  {
    files: ['mobile-client/src/**/*.{ts,tsx}'],
    ignores: ['**/src/outbox/**'],
    rules: {
      'no-restricted-properties': ['error', { object: 'window', property: 'indexedDB' }],
      'no-restricted-imports': [
        'error',
        { paths: [{ name: 'idb', message: 'only outbox/ touches IndexedDB' }] },
      ],
    },
  },
);
