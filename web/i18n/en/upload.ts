/** Words of the page that takes photos to a job. */

const photos = (count: number): string => (count === 1 ? 'one photo' : `${count.toLocaleString('en')} photos`);
const files = (count: number): string => (count === 1 ? 'one file' : `${count.toLocaleString('en')} files`);
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** What is said about chosen photos: what was found, and what to do about it. */
const findings = {
  setProblem: (_count: number, [rule = '']: readonly string[]) => ({
    title: 'These files do not go together',
    advice: `An upload ${rule}.`,
  }),
  archiveUnreadable: (_count: number, [name = '', flaw = '']: readonly string[]) => ({
    title: `${name} cannot be opened`,
    advice:
      flaw === 'in parts'
        ? 'It is one part of several. Choose the folder with the photos instead, or pack them into a single ZIP.'
        : 'Its list of files is missing or damaged: it is not complete, or not a ZIP. Copy it again, or choose the folder with the photos.',
  }),
  noPhotos: () => ({
    title: 'There are no photos here',
    advice: 'Choose the folder with the JPEG or PNG photos of the drone. Videos and raw pictures cannot be used.',
  }),
  tooFew: (count: number) => ({
    title: `${capital(photos(count))} can be used, and at least 5 are needed`,
    advice: 'Add the other photos of the flight. A good scene has 50 and more.',
  }),
  fewPhotos: (count: number) => ({
    title: `Only ${photos(count)}`,
    advice: 'It may work for a small object. For a place, take 50 and more, each showing 70 to 80 % of the one before.',
  }),
  sameName: (count: number) => ({
    title: `${capital(files(count))} with the name of another one`,
    advice:
      'Cameras count from 0001 again in each folder. Choose the folder above, so that both are kept under their paths.',
  }),
  otherFormat: (count: number) => ({
    title: `${capital(photos(count))} in a format that is not taken`,
    advice: 'They are HEIC, TIFF, WebP or the like inside. Set the camera to JPEG, or convert them.',
  }),
  unreadable: (count: number) => ({
    title: `${capital(files(count))} cannot be read as photos`,
    advice: 'They are damaged, cut off or no pictures. Copy them from the card again; the others work without them.',
  }),
  tooSmall: (count: number) => ({
    title: `${capital(photos(count))} of fewer than 64 pixels`,
    advice: 'They are thumbnails, and are left out. Choose the folder with the originals.',
  }),
  brokenRule: (count: number) => ({
    title: `${capital(files(count))} cannot be sent`,
    advice: 'They are left out, for the reason beside each.',
  }),
  noGps: () => ({
    title: 'No photo says where it was taken',
    advice:
      'The scene will have no scale, no north and no place on the map. Phones often remove positions when they share or upload photos: upload from a computer or as a ZIP, or set a known distance in the finished scene.',
  }),
  someGps: (count: number) => ({
    title: `${capital(photos(count))} without a position`,
    advice:
      'More than a fifth lack it, so the scene will not be laid on the map. Leave those out if they are of another camera, or add a geo.txt with their positions.',
  }),
  zeroGps: (count: number) => ({
    title: `${capital(photos(count))} at 0°, 0°`,
    advice:
      'The receiver had no satellites yet; these positions are not used. Next time, wait for GPS before take-off.',
  }),
  unsignedGps: (count: number) => ({
    title: `${capital(photos(count))} that do not say north or south, east or west`,
    advice:
      'Such positions may mean four places, and a program that edited the photos has lost which. Choose the originals.',
  }),
  mirroredGps: (count: number) => ({
    title: `${capital(photos(count))} on the other side of the equator or of Greenwich`,
    advice: 'Their hemisphere is exchanged. They count as photos without a position; the originals may have it right.',
  }),
  farGps: (count: number) => ({
    title: `${capital(photos(count))} far from the others`,
    advice:
      'They may be of another flight: one scene is made of one place. Leave them out, or start a job of each place.',
  }),
  onePlace: (count: number) => ({
    title: `All positions are the same (${photos(count)})`,
    advice:
      'The receiver did not move on, or the camera only turned. Photos from one spot measure no distance: move between photos.',
  }),
  noAltitude: (count: number) => ({
    title: `${capital(photos(count))} without an altitude`,
    advice: 'Heights of the scene will be less sure. Choose the originals if a program edited these.',
  }),
  lowResolution: () => ({
    title: 'Small photos, below 2 megapixels',
    advice:
      'They look like previews, or came through a messenger. Choose the originals from the card for a sharp scene.',
  }),
  thermal: (count: number) => ({
    title: `${capital(photos(count))} from a thermal camera`,
    advice: 'They are left out where there are enough photos in colour of the same flight.',
  }),
  days: () => ({
    title: 'Taken more than half a day apart',
    advice:
      'Shadows and things that moved blur a scene. If these are several flights of different places, start a job of each.',
  }),
  clock: (count: number) => ({
    title: `${capital(photos(count))} with a clock that is wrong`,
    advice: 'Their order is taken from their names. Set the date of the camera before the next flight.',
  }),
  cameras: (count: number) => ({
    title: `${count} cameras`,
    advice: 'That works where they show the same place. Pairs of a thermal or zoom camera are sorted out.',
  }),
  sizes: (count: number) => ({
    title: `Pictures of ${count} sizes`,
    advice: 'That is fine as long as none was cropped: cropping moves the middle of the lens.',
  }),
  copies: (count: number) => ({
    title: `${capital(photos(count))} ${count === 1 ? 'is a copy' : 'are copies'} of others`,
    advice: 'The same photo twice is of no use, so each goes once.',
  }),
  positionFiles: (count: number) => ({
    title: `${capital(files(count))} of positions`,
    advice: 'They take the place of what the photos say, and are sent along.',
  }),
  otherKinds: (count: number) => ({
    title: `${capital(files(count))} of other kinds left out`,
    advice: 'Only JPEG and PNG photos are used. Raw pictures and videos stay where they are.',
  }),
  junk: (count: number) => ({
    title: `${capital(files(count))} of systems and cameras left out`,
    advice: 'Hidden files, thumbnails and flight logs are not needed.',
  }),
  unseenArchive: (_count: number, [name = '']: readonly string[]) => ({
    title: `${name} is looked at after it has been sent`,
    advice: 'Only ZIP archives can be checked here. To check the photos first, choose their folder or a ZIP.',
  }),
};

export const upload = {
  title: 'New scene',
  intro: 'Choose the photos of a flight. They are checked here first; nothing is sent before you say so.',
  choose: {
    label: 'Photos',
    drop: 'Drop a folder, photos or a ZIP here',
    dropNow: 'Let go to add them',
    or: 'or',
    folder: 'Choose a folder',
    files: 'Choose photos or a ZIP',
    more: 'Add more',
    clear: 'Start over',
    android:
      'On Android, choose photos with “Browse” in the file picker, or a ZIP: the photo picker removes the positions.',
    chosen: (count: number, size: string) => `${capital(files(count))}, ${size}`,
    reading: 'Reading the folder…',
    received: (count: number) => `${capital(photos(count))} received from another app`,
  },
  checking: (done: number, all: number) =>
    all === 0 ? 'Looking at the photos…' : `Looking at the photos: ${done} of ${all}`,
  report: {
    heading: 'What was found',
    photos: 'Photos',
    size: 'To send',
    camera: 'Camera',
    resolution: 'Resolution',
    taken: 'Taken',
    gps: 'With position',
    altitude: 'Altitude',
    extent: 'Across',
    of: (count: number, all: number) => `${count} of ${all}`,
    unknown: 'not known',
    good: 'These photos look good.',
    more: (count: number) => `and ${count} more`,
    which: 'Which',
    severity: { stop: 'Cannot start', warning: 'Warning', note: 'Note' },
    pathLabel: (count: number) => `Map of the flight: ${photos(count)} in the order they were taken, north is up`,
  },
  job: {
    heading: 'The scene',
    name: 'Name',
    nameHint: 'What the scene is called in lists and mails.',
    email: 'Mail address',
    emailHint: 'You are told when the scene is done, or when something is needed.',
    preset: 'Quality',
    typical: 'Times and costs are of 100 photos until you choose yours.',
    proposed: 'suggested',
    long: (range: string) => `Takes long here: ${range}`,
    tooMany: (count: number, most: number) =>
      `Takes ${most.toLocaleString('en')} photos at most, not ${count.toLocaleString('en')}`,
    spot: 'Train on spare machines (spot): cheaper, but it may wait and take longer',
    budget: 'Spend at most (USD)',
    budgetHint: 'The job stops before it costs more. Empty: no limit of its own.',
    budgetProblem: (low: number, high: number) => `must be a number from ${low} to ${high}, or empty`,
    options: 'More settings',
    optionsChanged: (count: number) => `More settings (${count} changed)`,
    asPreset: (value: string) => `${value} (as the quality has it)`,
    emailProblem: 'must look like pilot@example.com',
    notLoaded: 'The qualities could not be loaded.',
  },
  estimate: {
    heading: 'Estimate',
    time: 'Time',
    cost: 'Cost',
    ledger: (jobs: number) => `By ${jobs} or more jobs like it on this server.`,
    model: 'By a model: this server has not done enough jobs like it yet.',
    long: (range: string) => `This quality takes long on the machines of this server: ${range}.`,
    exceeds: 'That may be more than a machine is allowed to run, and then the job is stopped before its end.',
    take: (name: string, range: string) => `Take ${name}: ${range}`,
    own: 'The cost is what the same would cost at AWS.',
    later: 'Known as soon as the archive has been announced.',
    working: 'Estimating…',
    none: 'Choose photos to see it.',
  },
  send: {
    button: 'Upload and start',
    exhausted: (why: string) => `Nothing can be started: ${why}.`,
    goOn: 'Go on',
    startOnly: 'Start the job',
    again: 'Try again',
    heading: 'Upload',
    sending: 'Sending the photos',
    paused: 'Paused',
    away: 'No connection. It goes on by itself when the network is back.',
    starting: 'Everything has arrived. Starting the job…',
    pause: 'Pause',
    resume: 'Go on',
    bytes: (done: string, all: string) => `${done} of ${all}`,
    files: (done: number, all: number) => `${done.toLocaleString('en')} of ${files(all)}`,
    speed: (speed: string) => `${speed}/s`,
    left: (time: string) => `${time} left`,
    keepOpen: 'Keep this page open until the job has started.',
    awake: 'The screen stays on meanwhile.',
    progressLabel: 'Sent',
    missing: 'First choose photos.',
    fix: 'First correct what is marked.',
  },
  unfinished: {
    heading: (name: string) => (name === '' ? 'An upload is not finished' : `The upload “${name}” is not finished`),
    arrived: (done: number, all: number) => `${done.toLocaleString('en')} of ${files(all)} have arrived.`,
    all: (count: number) => `${capital(files(count))} have arrived. The job can be started.`,
    again: 'Choose the same folder or files again: only what is missing is sent.',
    found: (count: number) => `${capital(files(count))} of what is missing found.`,
    absent: (count: number) => `${capital(files(count))} not among the ones you chose:`,
    noneFits: 'None of the files that you chose belongs to it.',
    discard: 'Remove it and begin anew',
    discarding: 'Removing…',
  },
  failed: {
    heading: 'This did not work',
    signIn: 'You are not signed in any more. Sign in in another tab, then go on here; nothing is lost.',
    signInLink: 'Sign in',
    gone: (file: string) =>
      `${file} cannot be read any more: was the card taken out, or the file moved? Choose the files again; only what is missing is sent.`,
    refused: (file: string) =>
      `The storage does not take ${file}. If your clock is wrong, set it; else ask whoever runs this server.`,
    incomplete: 'Some files have not arrived. Go on to send them again.',
    started: 'A job of these photos was started before. It is in the list of jobs.',
    jobs: 'All jobs',
    unread: 'The photos could not be read by this browser. Choose them again.',
  },
  findings,
} as const;
