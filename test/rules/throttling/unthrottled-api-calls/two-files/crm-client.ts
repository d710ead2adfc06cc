import axios from 'axios';

const http = axios.create({ baseURL: 'https://crm.example.com' });

export class CrmClient {
  async update(id: string, name: string): Promise<void> {
    await http.put(`/contacts/${id}`, { name });
    //         ^^^ related "The request happens here"
  }
}
