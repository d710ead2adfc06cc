export const T = { MEMBERS: 'members', TEAMS: 'teams' } as const;
export const EVENTS = 'events';
