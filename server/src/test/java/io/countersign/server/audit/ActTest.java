// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.countersign.server.Methods;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The table of the audit file has every method that gives or changes something. */
class ActTest {
    /** WIT-SVIDs and their authorities are refused, whoever asks; a status changes nothing that anybody is given. */
    private static final Set<String> NOTHING_HAPPENS = Set.of("PostStatus");

    @Test
    void everyMethodThatDoesSomethingIsTold() {
        var untold = Methods.all()
                .filter(method -> Act.of(method).isEmpty())
                .map(method -> method.substring(method.indexOf('/') + 1))
                .filter(name -> !name.matches("(Get|List|Count|Sync).*|.*WIT.*"))
                .collect(Collectors.toSet());

        assertEquals(NOTHING_HAPPENS, untold);
    }
}
