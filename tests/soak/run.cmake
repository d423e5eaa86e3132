# Runs beckn_soak in a folder of its own, which goes when the books are equal.
execute_process(COMMAND mktemp -d OUTPUT_VARIABLE folder OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${SOAK} run --dir ${folder}/soak --orders ${ORDERS} --kills ${KILLS} --seed 7 RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "the books are not equal; they are in ${folder}/soak")
endif()
file(REMOVE_RECURSE ${folder})
