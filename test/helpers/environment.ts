/** Variables without which neither server nor worker starts, with values of a deployment that is not there. */
export const REQUIRED_ENVIRONMENT = {
  SPACEPORT_DEPLOYMENT: 'test',
  SPACEPORT_BUCKET: 'spaceport',
  SPACEPORT_ROLE_ARN: 'arn:aws:iam::123456789012:role/spaceport',
  SPACEPORT_IMAGE_SFM: 'sfm',
  SPACEPORT_IMAGE_TRAINING: 'training',
  SPACEPORT_IMAGE_COMPRESSION: 'compression',
  SPACEPORT_MAIL_URL: 'smtp://127.0.0.1:1',
  SPACEPORT_MAIL_FROM: 'spaceport@example.com',
  SPACEPORT_PUBLIC_URL: 'http://127.0.0.1:3000',
};
