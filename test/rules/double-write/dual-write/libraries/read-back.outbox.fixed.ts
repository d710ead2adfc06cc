// Idiom of github.com/linkwarden/linkwarden: the index gives keys, the rows they stand for come from the database.
import { Client } from '@elastic/elasticsearch';
import { Column, Entity, In, PrimaryGeneratedColumn, type Repository } from 'typeorm';

@Entity()
export class Recipe {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column() name!: string;
}

@Entity()
export class Review {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column() text!: string;
}

interface Hits {
  hits: { hits: { _id: string; _source: unknown }[] };
}

const client = new Client({ node: 'http://search:9200' });

export class RecipeService {
  constructor(
    private readonly recipes: Repository<Recipe>,
    private readonly reviews: Repository<Review>,
  ) {}

  async search(text: string): Promise<Recipe[]> {
    const found = (await client.search({ index: 'recipes', query: { match: { name: text } } })) as unknown as Hits;
    const ids = found.hits.hits.map((hit) => hit._id);
    return this.recipes.find({ where: { id: In(ids) } });
  }

  async remove(id: string) {
    await this.recipes.manager.transaction(async (manager) => {
      await manager.withRepository(this.recipes).delete({ id });
      await manager.query('INSERT INTO outbox (topic, payload) VALUES ($1, $2)', ['delete', JSON.stringify({ index: 'recipes', id })]);
    });
    //                 ^^^^^^ related "Written to 'Recipe' here."
    //           ^^^^^^ double-write/dual-write low "takes it out of the search index"
  }

  /** What is not in the index is not found. */
  async create(name: string) {
    const recipe = await this.recipes.save({ name });
    //                                ^^^^ related "Written to 'Recipe' here."
    await client.index({ index: 'recipes', id: recipe.id, document: { name } });
    //           ^^^^^ double-write/dual-write medium "if it fails the caller gets an error"
    return recipe;
  }

  /** Shown as it stands in the index. */
  async searchReviews(text: string): Promise<unknown[]> {
    const found = (await client.search({ index: 'reviews', query: { match: { text } } })) as unknown as Hits;
    return found.hits.hits.map((hit) => hit._source);
  }

  async removeReview(id: string) {
    await this.reviews.delete({ id });
    //                 ^^^^^^ related "Written to 'Review' here."
    await client.delete({ index: 'reviews', id });
    //           ^^^^^^ double-write/dual-write medium "takes it out of the search index"
  }

  /** Read by a key that no search gave. */
  async review(id: string): Promise<Review | null> {
    return this.reviews.findOneBy({ id });
  }

  async removeOrRestore(id: string, name: string) {
    await this.recipes.delete({ id });
    try {
      await client.delete({ index: 'recipes', id }); // ok double-write/dual-write: the catch brings the row back
    } catch (error) {
      await this.recipes.insert({ id, name });
      throw error;
    }
  }
}
