/**
 * Why a statement of an identity may say `*` where its resource stands, or an action that ends in one. What is not here
 * fails the test of permissions.
 */
export const WILDCARD_REASONS: Readonly<Record<string, string>> = {
  'ecr:GetAuthorizationToken': 'logs in to the whole registry: the action knows no resource',
  'sagemaker:ListProcessingJobs': 'upkeep looks for machines that nobody waits for: the action knows no resource',
  'sagemaker:ListTrainingJobs': 'upkeep looks for machines that nobody waits for: the action knows no resource',
  'cloudwatch:PutMetricData': 'the action knows no resource; a condition bounds it to SageMaker’s own namespaces',
};
