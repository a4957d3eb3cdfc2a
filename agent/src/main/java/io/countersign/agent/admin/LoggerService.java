// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.admin;

import io.countersign.agentapi.logger.GetLoggerRequest;
import io.countersign.agentapi.logger.LoggerGrpc;
import io.countersign.agentapi.logger.ResetLogLevelRequest;
import io.countersign.agentapi.logger.SetLogLevelRequest;
import io.countersign.launch.Log;
import io.countersign.launch.LogSettings;
import io.countersign.serverapi.types.LogLevel;
import io.countersign.serverapi.types.Logger;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import org.slf4j.LoggerFactory;

/** SPIRE's Logger service. It has two levels above ERROR, at which nothing is logged here that is not an error. */
public final class LoggerService extends LoggerGrpc.LoggerImplBase {
    private static final org.slf4j.Logger log = LoggerFactory.getLogger(LoggerService.class);

    private final LogLevel launch;
    private volatile LogLevel current;

    /** @param launch the level that the process was started with */
    public LoggerService(LogSettings.Level launch) {
        this.launch = LogLevel.valueOf(launch.name());
        this.current = this.launch;
    }

    @Override
    public void getLogger(GetLoggerRequest request, StreamObserver<Logger> response) {
        answer(response);
    }

    @Override
    public void setLogLevel(SetLogLevelRequest request, StreamObserver<Logger> response) {
        switch (request.getNewLevel()) {
            case UNSPECIFIED -> throw invalid("newLevel value cannot be LogLevel_UNSPECIFIED");
            case UNRECOGNIZED -> throw invalid("unsupported log level");
            case PANIC, FATAL, ERROR, WARN, INFO, DEBUG, TRACE -> set(request.getNewLevel());
        }
        answer(response);
    }

    @Override
    public void resetLogLevel(ResetLogLevelRequest request, StreamObserver<Logger> response) {
        set(launch);
        answer(response);
    }

    private void set(LogLevel level) {
        log.atInfo().addKeyValue("new_level", level).log("log level is set");
        Log.level(LogSettings.level(level.name()));
        current = level;
    }

    private void answer(StreamObserver<Logger> response) {
        response.onNext(Logger.newBuilder()
                .setCurrentLevel(current)
                .setLaunchLevel(launch)
                .build());
        response.onCompleted();
    }

    private static RuntimeException invalid(String message) {
        return Status.INVALID_ARGUMENT.withDescription(message).asRuntimeException();
    }
}
