// Idiom of github.com/vendure-ecommerce/vendure: rows with lists of others, saved as a whole.
import { Column, type DataSource, Entity, JoinTable, ManyToMany, PrimaryGeneratedColumn, type Repository } from 'typeorm';

@Entity()
export class Label {
  @PrimaryGeneratedColumn()
  id: number;

  @Column({ type: 'text' })
  name: string;
}

@Entity()
export class Article {
  @PrimaryGeneratedColumn()
  id: number;

  @Column({ type: 'text' })
  title: string;

  @Column({ type: 'int' })
  points: number;

  @ManyToMany(() => Label)
  @JoinTable()
  labels: Label[];
}

export class ArticleService {
  constructor(
    private readonly articles: Repository<Article>,
    private readonly dataSource: DataSource,
  ) {}

  async addLabel(id: number, label: Label): Promise<Article> {
    const article = await this.articles.findOneOrFail({ where: { id }, relations: { labels: true } });
    //                                  ^^^^^^^^^^^^^ related "Read here."
    article.labels = [...(article.labels ?? []), label];
    await this.articles.save(article);
    //                  ^^^^ race-condition/lost-update low "'labels' of 'Article'"
    return article;
  }

  async addLabelToAll(ids: number[], label: Label): Promise<void> {
    const articles = await this.articles.find({ relations: { labels: true } });
    //                                   ^^^^ related "Read here."
    for (const article of articles) {
      if (!ids.includes(article.id)) continue;
      article.labels.push(label);
    }
    await this.articles.save(articles);
    //                  ^^^^ race-condition/lost-update low "'labels' of 'Article'"
  }

  // The title is stored as well: the save has to stay.
  async addLabelAndTitle(id: number, label: Label, title: string): Promise<void> {
    const article = await this.articles.findOneOrFail({ where: { id }, relations: { labels: true } });
    //                                  ^^^^^^^^^^^^^ related "Read here."
    article.labels.push(label);
    article.title = title;
    await this.articles.save(article);
    //                  ^^^^ race-condition/lost-update low "'labels' of 'Article'"
  }

  async retitle(id: number, title: string): Promise<void> {
    const article = await this.articles.findOneByOrFail({ id });
    //                                  ^^^^^^^^^^^^^^^ related "Read here."
    article.title = title;
    await this.articles.update({ id: article.id }, { title: article.title });
    //                  ^^^^ race-condition/lost-update low "sets 'points' of 'Article' back"
  }

  async double(id: number): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const article = await manager.findOneByOrFail(Article, { id });
      //                            ^^^^^^^^^^^^^^^ related "Read here."
      article.points *= 2;
      await manager.save(article);
      //            ^^^^ race-condition/lost-update high "'points' of 'Article'"
    });
  }

  async halve(id: number): Promise<number> {
    const article = await this.articles.findOneByOrFail({ id });
    //                                  ^^^^^^^^^^^^^^^ related "Read here."
    article.points = Math.floor(article.points / 2);
    await this.articles.save(article);
    //                  ^^^^ race-condition/lost-update high "'points' of 'Article'"
    return article.points;
  }

  async labelAtOnce(id: number, label: Label): Promise<void> {
    const article = await this.articles.findOneByOrFail({ id });
    await this.articles.createQueryBuilder().relation('labels').of(article).add(label); // ok race-condition/lost-update: the entry alone is stored
  }
}
