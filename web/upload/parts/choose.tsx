import { FolderOpen, Images, Plus, X } from 'lucide-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { upload as words } from '../../i18n/en/upload';
import { bytes } from '../../ui/format';
import { fromInput, type ChosenFile } from '../files/chosen-files';
import { fromDrop } from '../files/dropped-files';
import { bytesOf } from '../files/manifest';

interface ChooseProps {
  readonly files: readonly ChosenFile[];
  readonly disabled: boolean;
  onFiles(files: readonly ChosenFile[], unreadable: readonly string[]): void;
  onClear(): void;
}

const isAndroid = (): boolean => /Android/i.test(navigator.userAgent);
const takesFolders = (): boolean => 'webkitdirectory' in HTMLInputElement.prototype;

/**
 * Where photos are chosen or dropped. The fields name no types of files (`accept`): with one, Android opens its photo
 * picker, which removes positions.
 */
export function Choose({ files, disabled, onFiles, onClear }: ChooseProps): ReactNode {
  const [isReading, setIsReading] = useState(false);
  const isOver = useDrop(disabled, (items) => {
    setIsReading(true);
    void fromDrop(items)
      .then((dropped) => onFiles(dropped.files, dropped.unreadable))
      .finally(() => setIsReading(false));
  });
  const has = files.length > 0;
  return (
    <section
      className="choose"
      aria-label={words.choose.label}
      data-over={isOver}
      data-chosen={has}
      aria-busy={isReading}
    >
      {has ? (
        <p className="chosen">{words.choose.chosen(files.length, bytes(bytesOf(files)))}</p>
      ) : (
        <p className="drop">{isOver ? words.choose.dropNow : words.choose.drop}</p>
      )}
      <p role="status" className="reading">
        {isReading ? words.choose.reading : ''}
      </p>
      <div className="ways">
        {takesFolders() && (
          <Picker folder disabled={disabled} isMain={!has} onFiles={(list) => onFiles(list, [])}>
            <FolderOpen aria-hidden size={20} /> {words.choose.folder}
          </Picker>
        )}
        <Picker disabled={disabled} isMain={!has && !takesFolders()} onFiles={(list) => onFiles(list, [])}>
          {has ? <Plus aria-hidden size={20} /> : <Images aria-hidden size={20} />}{' '}
          {has ? words.choose.more : words.choose.files}
        </Picker>
        {has && (
          <button type="button" className="plain" disabled={disabled} onClick={onClear}>
            <X aria-hidden size={20} /> {words.choose.clear}
          </button>
        )}
      </div>
      {isAndroid() && !has && <p className="hint">{words.choose.android}</p>}
    </section>
  );
}

/** A button that opens the browser's own choice of files, or of one folder. */
function Picker({
  folder = false,
  disabled,
  isMain,
  onFiles,
  children,
}: {
  readonly folder?: boolean;
  readonly disabled: boolean;
  readonly isMain: boolean;
  onFiles(files: readonly ChosenFile[]): void;
  readonly children: ReactNode;
}): ReactNode {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        type="button"
        className={isMain ? 'primary' : ''}
        disabled={disabled}
        onClick={() => input.current?.click()}
      >
        {children}
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        data-picks={folder ? 'folder' : 'files'}
        {...(folder && { webkitdirectory: '' })}
        onChange={({ currentTarget }) => {
          onFiles(fromInput(currentTarget.files ?? []));
          currentTarget.value = ''; // the same folder may be chosen again
        }}
      />
    </>
  );
}

/** Takes what is dropped anywhere on the page: a photo that misses the field would replace the page. */
function useDrop(disabled: boolean, onItems: (items: DataTransferItemList) => void): boolean {
  const [isOver, setIsOver] = useState(false);
  const latest = useRef(onItems);
  latest.current = onItems;
  useEffect(() => {
    const holdsFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;
    const over = (event: DragEvent): void => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      if (event.dataTransfer !== null) event.dataTransfer.dropEffect = disabled ? 'none' : 'copy';
      setIsOver(!disabled);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setIsOver(false);
    };
    const drop = (event: DragEvent): void => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      setIsOver(false);
      if (!disabled && event.dataTransfer !== null) latest.current(event.dataTransfer.items);
    };
    addEventListener('dragover', over);
    addEventListener('dragleave', leave);
    addEventListener('drop', drop);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('dragleave', leave);
      removeEventListener('drop', drop);
    };
  }, [disabled]);
  return isOver;
}
