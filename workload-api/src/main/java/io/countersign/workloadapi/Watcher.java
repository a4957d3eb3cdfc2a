// SPDX-License-Identifier: Apache-2.0
package io.countersign.workloadapi;

/** Told of every new state, one call at a time and in order, on a thread of the watch. */
public interface Watcher<T> {
    /** The whole state as it is now; what is missing from it is gone. */
    void onUpdate(T update);

    /** What went wrong; the last update stays good, and the watch goes on by itself unless {@link WorkloadApiException#isFinal()}. */
    void onError(WorkloadApiException error);
}
