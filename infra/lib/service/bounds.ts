import {
  LOAD_BALANCER_IDLE_SECONDS,
  SERVER_IDLE_SECONDS,
  SERVER_SHUTDOWN_SECONDS,
  STREAM_COMMENT_SECONDS,
  WORKER_SHUTDOWN_SECONDS,
} from '../../../contracts/deployment/times';
import type { Program } from '../program';

/** Longest that Fargate waits between SIGTERM and SIGKILL. */
export const LONGEST_STOP_SECONDS = 120;

/** How long a program is given between SIGTERM and SIGKILL. */
export const STOP_SECONDS: Readonly<Record<Program, number>> = { server: 30, worker: 60 };

/** How long the load balancer still sends requests to a server that is about to be stopped. */
export const DEREGISTRATION_SECONDS = 15;

/** What is wrong with the times that have to fit each other: synthesis takes any number. */
export const boundProblems = (
  stop: Readonly<Record<Program, number>> = STOP_SECONDS,
  idle = { balancer: LOAD_BALANCER_IDLE_SECONDS, server: SERVER_IDLE_SECONDS },
): string[] => [
  ...(WORKER_SHUTDOWN_SECONDS < stop.worker ? [] : ['a worker is killed before it has handed over what it watches']),
  ...(SERVER_SHUTDOWN_SECONDS < stop.server ? [] : ['a server is killed before its requests have ended']),
  ...Object.entries(stop)
    .filter(([, seconds]) => seconds > LONGEST_STOP_SECONDS)
    .map(([program]) => `${program}: Fargate waits ${LONGEST_STOP_SECONDS} s at most`),
  ...(idle.balancer > STREAM_COMMENT_SECONDS ? [] : ['the load balancer cuts streams between two comments']),
  ...(idle.server > idle.balancer ? [] : ['the server closes connections that the load balancer still uses']),
];
