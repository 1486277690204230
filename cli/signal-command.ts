/** The command that a person pastes to cancel a job through the plain Temporal CLI. */
export function signalCommand(temporalProgram: string, address: string, workflowId: string): string {
  const program = /^[\w./-]+$/.test(temporalProgram)
    ? temporalProgram
    : `'${temporalProgram.replaceAll("'", `'\\''`)}'`;
  return `${program} workflow signal --address ${address} --workflow-id ${workflowId} --name cancel`;
}
