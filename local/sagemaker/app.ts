import { randomUUID } from 'node:crypto';
import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler } from 'express';
import { isDiskFull } from '../../contracts/machines/disk-full';
import { DISK_FULL } from '../disk-full';
import { ApiError } from './api-error';
import { CallFaults } from './faults/call-faults';
import { JobOperations, type JobSettings } from './api/job-operations';
import { JOB_KINDS, JOB_NOUNS } from './jobs/job-kind';
import { JobRegistry } from './jobs/job-registry';
import { LogOperations } from './api/log-operations';
import { verifySignature, type SigningCredentials } from './api/request-signature';
import type { SupervisorLauncher } from './jobs/supervisor-launcher';

interface SageMakerOptions extends Omit<JobSettings, 'region'> {
  /** The one key that may sign requests. Its region is the endpoint's. */
  credentials: SigningCredentials;
  supervisor: SupervisorLauncher;
  /** Receives internal errors, which a caller sees only as InternalFailure. */
  onError: (error: unknown) => void;
}

interface SageMakerApp {
  app: Express;
  /** Ends every running job as a platform error and resolves when none of their processes is left. */
  shutdown(): Promise<void>;
  /** Stops watching the jobs, which continue to run. */
  detach(): void;
}

type Operation = (body: unknown) => Promise<object | undefined>;

/** The prefix of x-amz-target, and the service that the request must be signed for. */
const SIGNED_SERVICES: Record<string, string> = { SageMaker: 'sagemaker', Logs_20140328: 'logs' };

/** The largest Create request is far smaller. */
const MAX_BODY = '2mb';

/**
 * SageMaker and the reading half of CloudWatch Logs on one `POST /`, in awsJson1.1. Takes up the jobs below `root` that
 * an earlier endpoint left running. Does not listen.
 */
export async function createSageMakerApp({
  credentials,
  supervisor,
  onError,
  ...settings
}: SageMakerOptions): Promise<SageMakerApp> {
  const registry = await JobRegistry.open(settings.root, supervisor, onError);
  const operations = operationTable(registry, { ...settings, region: credentials.region });
  const app = express();
  app.disable('x-powered-by');
  app.use(refuseBrowsers);
  app.use(express.raw({ type: () => true, limit: MAX_BODY }));
  app.use(authenticate(credentials));
  if (settings.faults) app.use(befall(new CallFaults(settings.faults, settings.root)));
  app.post('/', answer(operations));
  app.use(() => {
    throw new ApiError('UnknownOperationException', 'The only route is POST /.');
  });
  app.use(answerError(onError));
  return { app, shutdown: () => registry.shutdown(), detach: () => registry.detach() };
}

function operationTable(registry: JobRegistry, settings: JobSettings): Record<string, Operation> {
  const jobs = new JobOperations(registry, settings);
  const logs = new LogOperations(registry, settings.region);
  const table: Record<string, Operation> = {
    'SageMaker.ListTags': (body) => jobs.listTags(body),
    'Logs_20140328.DescribeLogStreams': (body) => logs.describeLogStreams(body),
    'Logs_20140328.GetLogEvents': (body) => logs.getLogEvents(body),
  };
  for (const kind of JOB_KINDS) {
    table[`SageMaker.Create${JOB_NOUNS[kind]}`] = (body) => jobs.create(kind, body);
    table[`SageMaker.Describe${JOB_NOUNS[kind]}`] = (body) => jobs.describe(kind, body);
    table[`SageMaker.Stop${JOB_NOUNS[kind]}`] = (body) => jobs.stop(kind, body);
    table[`SageMaker.List${JOB_NOUNS[kind]}s`] = (body) => jobs.list(kind, body);
  }
  return table;
}

/** Pages in browsers must not call this endpoint; they could not sign a request either. */
const refuseBrowsers: RequestHandler = (request, _response, next) => {
  if (request.headers.origin !== undefined)
    throw new ApiError('AccessDeniedException', 'Requests from browsers are not accepted.');
  next();
};

function authenticate(credentials: SigningCredentials): RequestHandler {
  return (request, _response, next) => {
    const [prefix = ''] = target(request).split('.');
    const service = SIGNED_SERVICES[prefix];
    if (service === undefined) throw new ApiError('UnknownOperationException', `Unknown operation: ${target(request)}`);
    verifySignature(request.headers, rawBody(request), service, credentials, Date.now());
    next();
  };
}

function befall(faults: CallFaults): RequestHandler {
  return async (request, response, next) => {
    await faults.befall(target(request).split('.')[1] ?? '', parseBody(rawBody(request)), response);
    next();
  };
}

function answer(operations: Record<string, Operation>): RequestHandler {
  return async (request, response) => {
    const name = target(request);
    const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
    if (!operation) throw new ApiError('UnknownOperationException', `Unknown operation: ${name}`);
    const result = await operation(parseBody(rawBody(request)));
    response.set('x-amzn-requestid', randomUUID()).type('application/x-amz-json-1.1');
    response.status(200).send(result === undefined ? '' : JSON.stringify(result));
  };
}

function answerError(onError: (error: unknown) => void): ErrorRequestHandler {
  return (error: unknown, _request, response, _next) => {
    const known = asApiError(error);
    if (known.status >= 500) onError(error);
    response.set('x-amzn-requestid', randomUUID()).type('application/x-amz-json-1.1');
    // SageMaker writes `Message`, CloudWatch Logs `message`; the SDK reads either.
    response.status(known.status).send(JSON.stringify({ __type: known.code, Message: known.message }));
  };
}

function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (isDiskFull(error)) return new ApiError('ServiceUnavailable', DISK_FULL);
  const status = (error as { status?: unknown }).status;
  if (typeof status === 'number' && status < 500)
    return new ApiError('SerializationException', (error as Error).message);
  return new ApiError('InternalFailure', 'The local SageMaker endpoint failed; its log has the cause.');
}

function target(request: Request): string {
  return String(request.headers['x-amz-target'] ?? '');
}

/** Express parses no body where the request has none. */
function rawBody(request: Request): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}

function parseBody(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new ApiError('SerializationException', 'The request is not JSON.');
  }
}
