// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import io.countersign.it.differential.Answer;

/** Something that a sidecar is asked. */
interface Case extends Pair.Question {
    String name();

    /** One with a question that fits no other kind. */
    static Case of(String name, Pair.Question question) {
        return new Case() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public Answer ask(Running sidecar) throws Exception {
                return question.ask(sidecar);
            }

            @Override
            public String toString() {
                return name;
            }
        };
    }
}
