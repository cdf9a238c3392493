// The small drawings of the help page.
// Refuses to carry meaning alone: each stands beside its sentence.

const INK = 'currentColor';

const SHAPES = {
  list: (
    <>
      <rect x="30" y="14" width="140" height="32" rx="6" />
      <rect x="30" y="54" width="140" height="32" rx="6" />
      <path d="M40 66h60M40 76h40M40 26h60M40 36h40" />
      <path d="M146 80l14 26 6-10 12-2z" fill={INK} />
    </>
  ),
  camera: (
    <>
      <rect x="66" y="6" width="68" height="108" rx="10" />
      <rect x="72" y="36" width="56" height="28" stroke-dasharray="5 3" />
      <circle cx="100" cy="98" r="9" fill={INK} />
      <path d="M76 44h48M80 54h40" />
    </>
  ),
  check: (
    <>
      <rect x="50" y="14" width="100" height="60" rx="4" />
      <path d="M60 30h80M64 42h72M72 54h56" />
      <rect x="62" y="86" width="76" height="24" rx="12" fill={INK} />
    </>
  ),
  sent: (
    <>
      <path d="M20 78a24 24 0 0 1 8-46 34 34 0 0 1 64-6 26 26 0 0 1 22 50z" />
      <path d="M66 68V44m-12 10l12-12 12 12" />
      <path d="M126 84l16 16 34-38" stroke-width="9" />
    </>
  ),
} as const;

export function Drawing({ name }: { readonly name: keyof typeof SHAPES }) {
  return (
    <svg
      class="help-drawing"
      viewBox="0 0 200 120"
      fill="none"
      stroke={INK}
      stroke-width="4"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {SHAPES[name]}
    </svg>
  );
}
