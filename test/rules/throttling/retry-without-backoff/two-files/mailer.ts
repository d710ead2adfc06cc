// Idiom of github.com/manakpandey/moleculerdyte: the request in one file, who sends it again in another.
export async function deliver(to: string, text: string): Promise<void> {
  const response = await fetch('https://mail.example.com/send', { method: 'POST', body: JSON.stringify({ to, text }) });
  //                     ^^^^^ related "The request happens here"
  if (!response.ok) throw new Error(`not sent: ${response.status}`);
}

export function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
