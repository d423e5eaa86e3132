# The files of a room are compiled several at a time: a cold build of everything takes a third of the time, most of which
# goes into headers that every file reads and into functions that every file would make again. A name in an unnamed
# namespace therefore stands once in its room; the compiler says so where it does not. The dev preset compiles file by file.
option(HEADROOM_JOINED "compile the files of a room several at a time" ON)

function(headroom_join target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${HEADROOM_JOINED} UNITY_BUILD_BATCH_SIZE 8)
endfunction()
