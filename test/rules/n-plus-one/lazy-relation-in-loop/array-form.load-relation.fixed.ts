// broken since TypeORM 1.0, which has no array form. Idiom of github.com/vendure-ecommerce/vendure: relations named in a list.
import { Entity, ManyToOne, PrimaryGeneratedColumn, type Repository } from 'typeorm';

@Entity()
export class Author {
  @PrimaryGeneratedColumn('uuid') id!: string;
}

@Entity()
export class Post {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @ManyToOne(() => Author, { lazy: true }) author!: Promise<Author>;
  @ManyToOne(() => Author, { lazy: true }) editor!: Promise<Author>;
}

export async function authorIds(posts: Repository<Post>) {
  const found = await posts.find({ relations: ['editor', 'author'] });
  for (const post of found) console.log((await post.author).id);
  //                                                ^^^^^^ n-plus-one/lazy-relation-in-loop high "Reading 'author' runs a query"
}
