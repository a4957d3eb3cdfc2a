// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.role;

import io.countersign.server.config.Verb;
import io.countersign.spiffe.SpiffeId;
import java.util.Optional;

/** What a role must allow for something to be done. */
record Need(Verb verb, Target target) {
    /** What it is done to. */
    sealed interface Target {
        /** Nothing that has a SPIFFE ID: a bundle, an authority, the log. */
        record Nothing() implements Target {}

        /** Whatever there is, so that only a role without limits will do. */
        record Everything() implements Target {}

        /** A SPIFFE ID, below a parent; nothing where there is none to look at. */
        record One(Optional<SpiffeId> id, Optional<SpiffeId> parent) implements Target {}
    }

    static Need plain(Verb verb) {
        return new Need(verb, new Target.Nothing());
    }

    static Need everything(Verb verb) {
        return new Need(verb, new Target.Everything());
    }

    static Need of(Verb verb, SpiffeId id) {
        return new Need(verb, new Target.One(Optional.of(id), Optional.empty()));
    }

    static Need below(Verb verb, SpiffeId parent) {
        return new Need(verb, new Target.One(Optional.empty(), Optional.of(parent)));
    }

    /** Such as {@code entry.create of spiffe://example.org/web below spiffe://example.org/node}. */
    @Override
    public String toString() {
        return switch (target) {
            case Target.Nothing() -> verb.toString();
            case Target.Everything() -> verb + " of everything";
            case Target.One(var id, var parent) ->
                verb
                        + id.map(each -> " of " + each).orElse("")
                        + parent.map(each -> " below " + each).orElse("");
        };
    }
}
