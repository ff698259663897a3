// The sections of a page, as links: the choice stands in the address, and the way back is the browser's.
export default function Sub({ label, items, chosen }: { label: string; items: { key: string; label: string; href: string }[]; chosen: string }) {
  return (
    <nav className="sub no-print" aria-label={label}>
      {items.map((item) => <a key={item.key} href={item.href} aria-current={item.key === chosen ? 'page' : undefined}>{item.label}</a>)}
    </nav>
  );
}
