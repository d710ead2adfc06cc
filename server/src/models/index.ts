/** All models that come with the product. Two files may describe one package: the first entry found counts. */
import type { ModelFile } from './model.ts';
import { language } from './language.ts';
import { pg } from './pg.ts';
import { typeorm } from './typeorm.ts';

export const ALL_MODELS: readonly ModelFile[] = [language, pg, typeorm];
