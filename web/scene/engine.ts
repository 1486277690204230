import {
  AppBase,
  AppOptions,
  Asset,
  CameraComponentSystem,
  Color,
  createGraphicsDevice,
  Entity,
  FILLMODE_NONE,
  GSplatComponentSystem,
  GSplatHandler,
  Layer,
  RESOLUTION_FIXED,
  TextureHandler,
  Vec3,
  Vec4,
  type CameraComponent,
  type GSplatSogResource,
} from 'playcanvas';
import type { Vector } from '../measure/vectors';
import { axesOf, eyeOf, type Pose, type Size } from './pose';

/**
 * The renderer: all that knows of PlayCanvas. Draws only when it is asked to, or when a scene has news. The engine turns
 * scenes by 180 degrees about z, so that y down becomes up; nobody outside sees that.
 */
export interface Engine {
  readonly canvas: HTMLCanvasElement;
  /**
   * Rejects where the file cannot be read.
   * @param at where its origin lies; left out: where that of the first lies
   */
  load(url: string, file: Blob | null, at?: Vector): Promise<Loaded>;
  /** Of the right of the divider; null ends the comparison. */
  compare(loaded: Loaded | null): void;
  split(at: number): void;
  look(pose: Pose): void;
  resize(size: Size, ratio: number): void;
  budget(gaussians: number): void;
  background(colour: readonly [number, number, number]): void;
  /** Draws once more. */
  request(): void;
  destroy(): void;
}

export interface Loaded {
  readonly side: Side;
  destroy(): void;
}

/** A scene that is drawn, until it is removed. */
interface Placed {
  remove(): void;
}

/** A scene beside another has its layer, and a camera that draws only that. */
interface Side {
  readonly layer: Layer;
  readonly camera: Entity;
}

export interface EngineEvents {
  /** A picture was drawn; the canvas can be read until this returns. */
  readonly drawn: () => void;
  /** All that the picture needs is loaded and sorted. */
  readonly complete: () => void;
  /** A file that a streamed scene names did not come, also when asked for again. */
  readonly missing: () => void;
  readonly lost: () => void;
  readonly restored: () => void;
}

const NEAR_SHARE = 0.002;
const FAR_SHARE = 1000;
/** More levels than any scene has: the engine takes the last that there is. */
const COARSEST = 99;
/** As often the engine asks for a file of a streamed scene. */
const TRIES = 3;

/** Rejects where the browser has no WebGL 2. */
export async function createEngine(canvas: HTMLCanvasElement, events: EngineEvents): Promise<Engine> {
  const device = await createGraphicsDevice(canvas, {
    deviceTypes: ['webgl2'],
    antialias: false,
    alpha: false,
    // Gaussians are sorted, and hide each other without.
    depth: false,
    stencil: false,
  });
  const app = new AppBase(canvas);
  const options = new AppOptions();
  options.graphicsDevice = device;
  options.componentSystems = [CameraComponentSystem, GSplatComponentSystem];
  options.resourceHandlers = [GSplatHandler, TextureHandler];
  app.init(options);
  app.setCanvasFillMode(FILLMODE_NONE);
  app.autoRender = false;

  const colour = new Color(0, 0, 0);
  const request = (): void => {
    app.renderNextFrame = true;
  };
  const sideOf = (name: string, priority: number): Side => {
    const layer = new Layer({ name });
    app.scene.layers.push(layer);
    const camera = new Entity(name);
    camera.addComponent('camera', { clearColor: colour, layers: [layer.id], priority });
    app.root.addChild(camera);
    return { layer, camera };
  };
  const left = sideOf('scene', 0);
  const right = sideOf('compared', 1);
  right.camera.enabled = false;
  let pose: Pose | null = null;
  let at = 1;
  let mayDraw = app.scene.gsplat.splatBudget;
  let streamed = 0;

  const coarse: (() => void)[] = [];
  const splats = app.systems.gsplat as GSplatComponentSystem;
  splats.on('frame:request', request);
  splats.on('frame:ready', (_camera: CameraComponent, _layer: Layer, ready: boolean, loading: number) => {
    if (!ready || loading > 0) {
      request();
      return;
    }
    events.complete();
    for (const refine of coarse.splice(0)) refine();
  });
  app.on('postrender', events.drawn);
  const failures = new Map<string, number>();
  app.assets.on('error', (_error: unknown, asset: Asset) => {
    const times = (failures.get(asset.name) ?? 0) + 1;
    failures.set(asset.name, times);
    // Pictures have been asked for several times by then.
    if (asset.type === 'texture' || times === TRIES) events.missing();
  });
  device.on('devicelost', events.lost);
  device.on('devicerestored', () => {
    events.restored();
    request();
  });
  app.start();

  const lookWith = ({ camera }: Side, shown: Pose, { width, height }: Size): void => {
    const component = camera.camera as CameraComponent;
    component.fov = shown.fieldOfViewDeg;
    component.horizontalFov = width >= height;
    component.nearClip = shown.distance * NEAR_SHARE;
    component.farClip = shown.distance * FAR_SHARE;
    camera.setPosition(toEngine(eyeOf(shown)));
    camera.lookAt(toEngine(shown.target), toEngine(axesOf(shown).up));
  };
  let size: Size = { width: 1, height: 1 };
  const look = (): void => {
    if (pose === null) return;
    lookWith(left, pose, size);
    if (right.camera.enabled) lookWith(right, pose, size);
    request();
  };
  const divide = (): void => {
    if (right.camera.enabled) {
      clip(left, 0, at);
      clip(right, at, 1);
    } else clip(left, 0, 1);
    request();
  };

  /** Rejects where the file cannot be read. */
  const place = async (url: string, file: Blob | null, at: Vector, side: Side): Promise<Placed> => {
    const contents = file === null ? {} : { contents: new Response(file) };
    const asset = new Asset('scene', 'gsplat', { url, ...contents } as ConstructorParameters<typeof Asset>[2]);
    app.assets.add(asset);
    await new Promise<void>((resolve, reject) => {
      asset.once('load', () => resolve());
      asset.once('error', (error: unknown) => reject(new Error(String(error))));
      app.assets.load(asset);
    });
    const entity = new Entity(side === left ? 'splat of scene' : 'splat beside');
    entity.setLocalEulerAngles(0, 0, 180);
    entity.setLocalPosition(toEngine(at));
    const resource = asset.resource as Partial<GSplatSogResource>;
    if (file === null) streamed += 1;
    else resource.releaseTextureSources?.();
    // The engine sets memory aside for as many as it may draw of streamed scenes.
    const drawn = streamed > 0 ? mayDraw : Number(resource.numSplats ?? mayDraw);
    app.scene.gsplat.splatBudget = Math.min(mayDraw, drawn);
    entity.addComponent('gsplat', { asset, layers: [side.layer.id] });
    const splat = entity.gsplat;
    if (file === null) app.scene.gsplat.splatBudget = mayDraw;
    if (file === null && splat !== undefined) {
      // Of a streamed scene the coarsest level makes the first picture; what is finer follows.
      splat.lodRangeMin = COARSEST;
      coarse.push(() => {
        splat.lodRangeMin = 0;
        request();
      });
    }
    app.root.addChild(entity);
    request();
    return {
      remove() {
        if (file === null) streamed -= 1;
        entity.destroy();
        app.assets.remove(asset);
        asset.unload();
        request();
      },
    };
  };

  return {
    canvas,
    request,
    async load(url, file, at = [0, 0, 0]) {
      const side = left.layer.enabled && app.root.findByName('splat of scene') === null ? left : right;
      let placed: Placed | null = await place(url, file, at, side);
      let turn = 0;
      // The pictures that textures were made of are not kept: after lost graphics the file is read again.
      const again = (): void => {
        const own = (turn += 1);
        placed?.remove();
        placed = null;
        place(url, file, at, side).then(
          (next) => {
            if (own === turn) placed = next;
            else next.remove();
          },
          () => undefined, // lost once more
        );
      };
      if (file !== null) device.on('devicerestored', again);
      return {
        side,
        destroy() {
          turn += 1;
          device.off('devicerestored', again);
          placed?.remove();
        },
      };
    },
    compare(loaded) {
      right.camera.enabled = loaded !== null;
      look();
      divide();
    },
    split(share) {
      at = share;
      divide();
    },
    look(shown) {
      pose = shown;
      look();
    },
    resize(shown, ratio) {
      size = shown;
      app.setCanvasResolution(
        RESOLUTION_FIXED,
        Math.max(1, Math.round(shown.width * ratio)),
        Math.max(1, Math.round(shown.height * ratio)),
      );
      look();
    },
    budget(gaussians) {
      mayDraw = gaussians;
      app.scene.gsplat.splatBudget = gaussians;
      request();
    },
    background([r, g, b]) {
      colour.set(r, g, b);
      for (const { camera } of [left, right]) (camera.camera as CameraComponent).clearColor = colour;
      request();
    },
    destroy() {
      app.destroy();
    },
  };
}

/** Shares of the width between which a camera draws; what it clears is cut likewise, for which there is no public way. */
function clip({ camera }: Side, from: number, to: number): void {
  const component = camera.camera as CameraComponent;
  component.scissorRect = new Vec4(from, 0, to - from, 1);
  (component.camera as { _scissorRectClear: boolean })._scissorRectClear = true;
}

const toEngine = ([x, y, z]: Vector): Vec3 => new Vec3(-x, -y, z);
