// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.agent;

import io.countersign.it.process.Side;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A row of the table. In words and file {@code @SOCKET@} stands for the socket of an agent, {@code @DIR@} for the folder of
 * the side, in which {@code agent.conf} has the text of the case.
 *
 * @param uid who runs the command
 * @param conf of agent.conf
 * @param agent whose socket; that of the same side if nothing is said
 * @param until what it has said when it is ended with SIGINT, for one that does not end by itself
 */
record CommandCase(
        String name, int uid, List<String> words, String conf, Optional<Side> agent, Optional<String> until) {
    static CommandCase of(String name, String words) {
        return new CommandCase(
                name,
                CommandUsers.ORDINARY,
                Arrays.stream(words.split(" ")).filter(word -> !word.isEmpty()).toList(),
                "",
                Optional.empty(),
                Optional.empty());
    }

    CommandCase as(int other) {
        return new CommandCase(name, other, words, conf, agent, until);
    }

    CommandCase with(String text) {
        return new CommandCase(name, uid, words, text, agent, until);
    }

    CommandCase of(Side other) {
        return new CommandCase(name, uid, words, conf, Optional.of(other), until);
    }

    CommandCase endedAfter(String said) {
        return new CommandCase(name, uid, words, conf, agent, Optional.of(said));
    }

    @Override
    public String toString() {
        return name;
    }
}
