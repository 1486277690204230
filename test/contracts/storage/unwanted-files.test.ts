import { isUnwanted } from '../../../contracts/storage/unwanted-files';

test.each([
  '@eaDir/DJI_0019.JPG/SYNOPHOTO_THUMB_XL.jpg',
  'flight 2/@eadir/DJI_0019.JPG/SYNOPHOTO_THUMB_M.jpg',
  '.@__thumb/DJI_0019.JPG',
  '@Recycle/DJI_0019.JPG',
  '@Recently-Snapshot/today/DJI_0019.JPG',
  '#recycle/DJI_0019.JPG',
  '#snapshot/2026/DJI_0019.JPG',
  '.thumbnails/normal/a.jpg',
  '.Trash-1000/files/DJI_0019.JPG',
  '.Trashes/501/DJI_0019.JPG',
  '$RECYCLE.BIN/S-1-5/$R1.JPG',
  'RECYCLER/S-1-5/Dc1.jpg',
  'System Volume Information/IndexerVolumeGuid',
  '__MACOSX/._DJI_0019.JPG',
  'lost+found/1234',
  'MISC/THM/100/DJI_0019.THM',
  'misc/thm/100/DJI_0019.jpg',
  'Network Trash Folder/a.jpg',
  'Thumbs.db',
  'flight/THUMBS.DB',
  'ehthumbs.db',
  'Desktop.ini',
  'Icon\r',
  '.DS_Store',
  '._DJI_0019.JPG',
  'DJI_0019.MRK',
  'DJI_0019.THM',
  'DJI_0019.LRF',
  'DJI_0019.LRV',
  'DJI_0019.SRT',
  'flight/',
  'flight\\@eaDir\\x.jpg',
])('I06: %j is what a file server, a system or a camera keeps beside photos', (name) => {
  expect(isUnwanted(name)).toBe(true);
});

test.each([
  'DJI_0019.JPG',
  'eaDir/DJI_0019.JPG',
  'recycling plant/DJI_0019.JPG',
  'THM/DJI_0019.JPG',
  '#1 roof/DJI_0019.JPG',
  '@home/DJI_0019.JPG',
  'Thumbs.db.jpg',
  'lost+found.jpg',
  'icons/a.png',
  'icon.jpg',
  'movie.mp4',
  'notes.txt',
  './DJI_0019.JPG',
  '../DJI_0019.JPG',
])('I06: %j is looked at', (name) => {
  expect(isUnwanted(name)).toBe(false);
});
