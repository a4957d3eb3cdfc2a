// SPDX-License-Identifier: Apache-2.0
package io.countersign.stack.process;

import io.countersign.stack.layout.Account;
import io.countersign.stack.layout.Role;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A process that is to run.
 *
 * @param beforeStart done each time before it starts
 * @param ready whether it does its work now
 * @param stopSignal what asks it to stop
 */
public record Part(
        Role role,
        List<String> command,
        Map<String, String> environment,
        Path folder,
        Path log,
        Optional<Account> account,
        Preparation beforeStart,
        Readiness ready,
        String stopSignal) {
    public Part {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
    }

    /** What has to be done before a process can start. */
    @FunctionalInterface
    public interface Preparation {
        Preparation NONE = () -> {};

        void run() throws Exception;
    }

    /** Asked again and again; may block for a short while. */
    @FunctionalInterface
    public interface Readiness {
        boolean isReady();
    }
}
