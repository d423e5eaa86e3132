import { useEffect, useRef } from 'react';
import { prefer, usePreferences } from '@/lib/preferences';

const sheet: [string, string][] = [
  ['J / ↓', 'next feeder in the list'],
  ['K / ↑', 'previous feeder'],
  ['Enter', "open the selected feeder's event"],
  ['/', 'filter feeders'],
  ['A', 'open the newest alarm'],
  ['G', 'overview'],
  ['Q', 'data quality'],
  ['T', 'dark or light'],
  ['Z', 'axes in UTC or local time'],
  ['?', 'this sheet'],
];

/** Keys typed into a field are text, not commands. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

export function Shortcuts() {
  const dialog = useRef<HTMLDialogElement>(null);
  const { shortcuts, theme, zone } = usePreferences();

  useEffect(() => {
    const press = (key: KeyboardEvent) => {
      if (!shortcuts || key.ctrlKey || key.metaKey || key.altKey || isTyping(key.target)) {
        return;
      }
      const click = (selector: string) => document.querySelector<HTMLElement>(selector)?.click();
      const actions: Record<string, () => void> = {
        '?': () => dialog.current?.showModal(),
        a: () => click('[data-alarm-link]'),
        g: () => click('[data-home-link]'),
        q: () => click('[data-quality-link]'),
        t: () => prefer({ theme: theme === 'dark' ? 'light' : 'dark' }),
        z: () => prefer({ zone: zone === 'utc' ? 'local' : 'utc' }),
      };
      const action = actions[key.key.toLowerCase()];
      if (action && !document.querySelector('dialog[open]')) {
        key.preventDefault();
        action();
      }
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [shortcuts, theme, zone]);

  useEffect(() => {
    const open = () => dialog.current?.showModal();
    window.addEventListener('headroom:shortcuts', open);
    return () => window.removeEventListener('headroom:shortcuts', open);
  }, []);

  return (
    <dialog ref={dialog} className="dialog" aria-label="Keyboard shortcuts">
      <div>
        <h2>Keyboard</h2>
        <table className="table">
          <tbody>
            {sheet.map(([key, does]) => (
              <tr key={key}>
                <td>
                  <kbd>{key}</kbd>
                </td>
                <td>{does}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <p>
          <label className="check">
            <input
              type="checkbox"
              checked={shortcuts}
              onChange={(change) => prefer({ shortcuts: change.target.checked })}
            />
            Single-key shortcuts are on
          </label>
        </p>
        <div className="row">
          <button type="button" onClick={() => dialog.current?.close()}>
            Close
          </button>
        </div>
      </div>
    </dialog>
  );
}
