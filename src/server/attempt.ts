/** Begins a task within the caller's own step. What it throws before it gives a promise, the promise rejects with. */
export function attempt<T>(task: () => Promise<T>): Promise<T> {
  try {
    return task();
  } catch (failure) {
    return Promise.reject(failure);
  }
}
