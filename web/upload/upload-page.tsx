import { Rocket } from 'lucide-react';
import { useEffect, useState, useSyncExternalStore, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import { upload as words } from '../i18n/en/upload';
import { takeSharedPhotos } from '../pwa/shared-photos';
import { useTitle } from '../ui/title';
import { fromInput } from './files/chosen-files';
import type { EstimateInput } from './form/estimates';
import { useExhaustedBudget } from './form/budget';
import { useJobForm } from './form/use-job-form';
import { hasProblems } from './form/job-form';
import { useLeaveGuard, useWakeLock } from './guards';
import { browserStore, pageSession } from './page-session';
import { Choose } from './parts/choose';
import { Estimate } from './parts/estimate';
import { JobFields } from './parts/job-fields';
import { Report } from './parts/report';
import { Failed, Sending } from './parts/sending';
import { UnfinishedUpload } from './parts/unfinished';
import type { UploadState } from './session';
import './upload-page.css';

/** Photos are chosen, checked and sent here, and a job of them is started. */
export default function UploadPage(): ReactNode {
  useTitle(words.title);
  const state = useSyncExternalStore(pageSession.subscribe, pageSession.state);
  const { phase, report, unfinished, files, progress, suggestedName } = state;
  const isBusy = phase.name === 'sending' || phase.name === 'starting' || phase.name === 'started';
  const photos = unfinished === null ? photosOf(state) : null;
  const name = unfinished?.upload.name ?? suggestedName;
  const input = estimateInput(state);
  const form = useJobForm(browserStore, name, photos, input);
  const exhausted = useExhaustedBudget();
  const [tries, setTries] = useState(0);
  const hasTried = tries > 0;
  const isAwake = useWakeLock(phase.name === 'sending');
  useLeaveGuard(isBusy && phase.name !== 'started');
  useStarted(state);
  useEffect(() => {
    const recall = (): void => void pageSession.recall();
    void takeSharedPhotos().then((photos) => pageSession.add(fromInput(photos)));
    recall();
    addEventListener('online', recall);
    return () => removeEventListener('online', recall);
  }, []);

  const canSend =
    unfinished === null ? report?.canStart === true : unfinished.found > 0 || unfinished.absent.length === 0;
  // What is wrong is marked with the next rendering, and then takes the focus.
  useEffect(() => {
    if (tries > 0) document.querySelector<HTMLElement>(`.choose[data-chosen=false] button, ${WRONG}`)?.focus();
  }, [tries]);
  const send = (): void => {
    const job = form.request();
    if (canSend && job !== null) pageSession.send(job);
    else setTries(tries + 1);
  };
  return (
    <div className="upload-page">
      <h1>{words.title}</h1>
      <p className="intro">{isBusy ? name : words.intro}</p>
      <div className="columns" data-busy={isBusy}>
        <div className="column">
          {unfinished !== null && !isBusy && (
            <UnfinishedUpload
              unfinished={unfinished}
              chosen={files.length}
              disabled={isBusy}
              onDiscard={() => pageSession.discard()}
            />
          )}
          {!isBusy && (
            <Choose
              files={files}
              disabled={isBusy}
              onFiles={(more, unreadable) => pageSession.add(more, unreadable)}
              onClear={() => pageSession.clear()}
            />
          )}
          {phase.name === 'checking' && (
            <div className="card">
              <p role="status">{words.checking(phase.done, phase.all)}</p>
              <progress aria-label={words.report.heading} max={Math.max(1, phase.all)} value={phase.done} />
            </div>
          )}
          {(phase.name === 'sending' || phase.name === 'starting') && (
            <Sending
              phase={phase.name === 'sending' ? phase : { name: 'starting' }}
              progress={progress}
              isAwake={isAwake}
              onPause={() => pageSession.pause()}
              onResume={() => pageSession.resume()}
            />
          )}
          {phase.name === 'failed' && <Failed error={phase.error} />}
          {report !== null && (unfinished === null || isBusy) && <Report report={report} />}
        </div>
        <form
          className="column"
          hidden={isBusy}
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            send();
          }}
        >
          <JobFields
            form={form}
            suggestedName={name}
            photos={photos}
            isTypical={input === null}
            disabled={isBusy}
            showProblems={hasTried}
          />
          <Estimate hasInput={input !== null} isUnseen={report?.canStart === true && photos === null} form={form} />
          {exhausted !== null && (
            <p className="notice warn" role="alert">
              {words.send.exhausted(exhausted)}
            </p>
          )}
          <button
            className="primary send"
            disabled={isBusy || phase.name === 'checking' || !form.isReady || exhausted !== null}
          >
            <Rocket aria-hidden size={20} /> {buttonWords(state)}
          </button>
          <p className="problem" role="status">
            {hasTried && !isBusy && !canSend && phase.name !== 'checking' ? words.send.missing : ''}
            {hasTried && !isBusy && canSend && hasProblems(form.problems) ? words.send.fix : ''}
          </p>
        </form>
      </div>
    </div>
  );
}

const WRONG = '.upload-page [aria-invalid=true]';

/** Goes on to the job that was started. */
function useStarted({ phase }: UploadState): void {
  const [, navigate] = useLocation();
  const jobId = phase.name === 'started' ? phase.jobId : null;
  useEffect(() => {
    if (jobId === null) return;
    pageSession.reset();
    navigate(`/jobs/${jobId}`);
  }, [jobId, navigate]);
}

/** How many photos there are; null where nobody knows yet. */
const photosOf = ({ report }: UploadState): number | null =>
  report === null || report.photos === 0 ? null : report.photos;

function estimateInput({ report, unfinished }: UploadState): EstimateInput | null {
  if (unfinished !== null) return { uploadId: unfinished.upload.uploadId };
  if (report === null || report.photos === 0) return null;
  const { photos, megapixels } = report;
  // Estimates are made for pictures of 0.1 to 1000 megapixels.
  return { photos, megapixels: megapixels === null ? null : Math.min(1000, Math.max(0.1, megapixels)) };
}

function buttonWords({ phase, unfinished }: UploadState): string {
  if (unfinished !== null && unfinished.found + unfinished.absent.length === 0) return words.send.startOnly;
  if (phase.name === 'failed') return words.send.again;
  return unfinished === null ? words.send.button : words.send.goOn;
}
