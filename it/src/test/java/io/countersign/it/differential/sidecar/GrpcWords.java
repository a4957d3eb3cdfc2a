// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A service whose clients say many words in one call: they are counted at the end, or each is answered at once. */
final class GrpcWords {
    static final MethodDescriptor<String, String> COUNT = method("Count", MethodType.CLIENT_STREAMING);
    static final MethodDescriptor<String, String> TALK = method("Talk", MethodType.BIDI_STREAMING);

    /** At this word a call fails. */
    static final String FAIL = "fail";

    private static final String NAME = "countersign.test.Words";

    private GrpcWords() {}

    private static MethodDescriptor<String, String> method(String name, MethodType type) {
        var text = new Marshaller<String>() {
            @Override
            public InputStream stream(String word) {
                return new ByteArrayInputStream(word.getBytes(StandardCharsets.UTF_8));
            }

            @Override
            public String parse(InputStream in) {
                try (in) {
                    return new String(in.readAllBytes(), StandardCharsets.UTF_8);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
        return MethodDescriptor.<String, String>newBuilder()
                .setType(type)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(NAME, name))
                .setRequestMarshaller(text)
                .setResponseMarshaller(text)
                .build();
    }

    /** @param told what is in the trailers of a call that fails */
    static ServerServiceDefinition service(Metadata told) {
        return ServerServiceDefinition.builder(NAME)
                .addMethod(COUNT, ServerCalls.asyncClientStreamingCall(caller -> new Listening(caller, told) {
                    @Override
                    void hear(String word) {
                        // at the end
                    }

                    @Override
                    void end() {
                        caller.onNext(words() + " words of " + letters() + " letters");
                    }
                }))
                .addMethod(TALK, ServerCalls.asyncBidiStreamingCall(caller -> new Listening(caller, told) {
                    @Override
                    void hear(String word) {
                        caller.onNext(word.toUpperCase(Locale.ROOT));
                    }

                    @Override
                    void end() {
                        // all is said
                    }
                }))
                .build();
    }

    /** To one caller. */
    private abstract static class Listening implements StreamObserver<String> {
        private final StreamObserver<String> caller;
        private final Metadata told;
        private int words;
        private int letters;
        private boolean failed;

        Listening(StreamObserver<String> caller, Metadata told) {
            this.caller = caller;
            this.told = told;
        }

        abstract void hear(String word);

        abstract void end();

        int words() {
            return words;
        }

        int letters() {
            return letters;
        }

        @Override
        public void onNext(String word) {
            if (failed) {
                return;
            }
            words++;
            letters += word.length();
            if (word.equals(FAIL)) {
                failed = true;
                caller.onError(
                        Status.DATA_LOSS.withDescription("at word " + words).asException(told));
            } else {
                hear(word);
            }
        }

        @Override
        public void onError(Throwable gone) {
            // the caller has left, who needs no answer
        }

        @Override
        public void onCompleted() {
            if (!failed) {
                end();
                caller.onCompleted();
            }
        }
    }
}
