import { type ReactNode, useEffect, useId, useRef, useState } from 'react';

interface Props {
  title: string;
  /** what will change, who is told, what it costs */
  children: ReactNode;
  confirmWord: string;
  /** writes are off: the connection is lost */
  disabled?: boolean;
  onConfirm: (reason: string) => Promise<void>;
  onClose: () => void;
}

/** Preview, reason, confirm. The Enter key never confirms: a dispatch is clicked or confirmed with Space. */
export function ConfirmDialog({ title, children, confirmWord, disabled = false, onConfirm, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [reason, setReason] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const id = useId();

  useEffect(() => {
    dialog.current?.showModal();
  }, []);

  const confirm = async () => {
    setBusy(true);
    setFault(null);
    try {
      await onConfirm(reason.trim());
      onClose();
    } catch (cause) {
      setFault(cause instanceof Error ? cause.message : String(cause));
      setBusy(false);
    }
  };

  return (
    <dialog ref={dialog} className="dialog" aria-labelledby={id} onClose={onClose}>
      <div>
        <h2 id={id}>{title}</h2>
        {children}
        <label>
          Reason (kept in the audit log)
          <textarea value={reason} maxLength={500} onChange={(change) => setReason(change.target.value)} />
        </label>
        {fault ? (
          <p className="fault" role="alert">
            {fault}
          </p>
        ) : null}
        <div className="row">
          <button type="button" onClick={onClose}>
            Back
          </button>
          <button
            type="button"
            className="danger"
            disabled={disabled || busy || reason.trim() === ''}
            onKeyDown={(key) => {
              if (key.key === 'Enter') {
                key.preventDefault();
              }
            }}
            onClick={confirm}
          >
            {busy ? 'Sending…' : confirmWord}
          </button>
        </div>
      </div>
    </dialog>
  );
}
