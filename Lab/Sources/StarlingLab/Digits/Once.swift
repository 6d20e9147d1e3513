/// A value that takes long to come by: computed when it is first asked for, once for all who ask.
///
/// A failure is told to those who waited for it and then forgotten: whoever asks next tries again.
actor Once<Value: Sendable> {
  private var task: Task<Value, any Error>?

  /// The value, from what the first who asks gives to compute it.
  func value(_ compute: @escaping @Sendable () async throws -> Value) async throws -> Value {
    let task = self.task ?? Task { try await compute() }
    self.task = task
    do {
      return try await task.value
    } catch {
      if self.task == task { self.task = nil }
      throw error
    }
  }
}
